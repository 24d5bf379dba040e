# STATUS Secrets: acts on someone's behalf in global.

path "status/data/global/*" {
  capabilities = ["create", "read", "update"]
}
