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

path "status-keys/environment/production/keys" {
  capabilities = ["list"]
}

path "status-keys/environment/production/keys/+" {
  capabilities = ["read"]
}

path "status-keys/environment/production/encrypt/+" {
  capabilities = ["update"]
}

path "status-keys/environment/production/rewrap/+" {
  capabilities = ["update"]
}

path "status-keys/environment/production/decrypt/+" {
  capabilities = ["update"]
}
