# STATUS Secrets: USER in environment/production.

path "status/metadata/.scopes/environment/production" {
  capabilities = ["read"]
}

path "status/metadata/environment/production/*" {
  capabilities = ["list", "read", "scan"]
}

path "status/detailed-metadata/environment/production/*" {
  capabilities = ["list", "scan"]
}

path "status-keys/environment/production/keys" {
  capabilities = ["list"]
}

path "status-keys/environment/production/keys/+" {
  capabilities = ["read"]
}
