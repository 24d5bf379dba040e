# STATUS Secrets: USE in global.

path "status/metadata/.scopes/global" {
  capabilities = ["read"]
}

path "status/metadata/global/*" {
  capabilities = ["list", "read"]
}

path "status/data/global/*" {
  capabilities = ["read"]
}
