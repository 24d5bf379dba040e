# STATUS Secrets: USER in global.

path "status/metadata/.scopes/global" {
  capabilities = ["read"]
}

path "status/metadata/global/*" {
  capabilities = ["list", "read"]
}

path "status-keys/global/keys" {
  capabilities = ["list"]
}

path "status-keys/global/keys/+" {
  capabilities = ["read"]
}
