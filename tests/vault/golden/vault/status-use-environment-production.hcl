# STATUS Secrets: USE in environment/production.

path "status/metadata/.scopes/environment/production" {
  capabilities = ["read"]
}

path "status/metadata/environment/production/*" {
  capabilities = ["list", "read"]
}

path "status/data/environment/production/*" {
  capabilities = ["read"]
}
