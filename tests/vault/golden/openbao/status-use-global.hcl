# STATUS Secrets: USE in global.

path "status/metadata/.scopes/global" {
  capabilities = ["read"]
}

path "status/metadata/global/*" {
  capabilities = ["list", "read", "scan"]
}

path "status/detailed-metadata/global/*" {
  capabilities = ["list", "scan"]
}

path "status/data/global/*" {
  capabilities = ["read"]
}

path "status-keys/global/keys" {
  capabilities = ["list"]
}

path "status-keys/global/keys/+" {
  capabilities = ["read"]
}

path "status-keys/global/encrypt/+" {
  capabilities = ["update"]
}

path "status-keys/global/rewrap/+" {
  capabilities = ["update"]
}

path "status-keys/global/decrypt/+" {
  capabilities = ["update"]
}
