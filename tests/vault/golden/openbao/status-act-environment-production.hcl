# STATUS Secrets: acts on someone's behalf in environment/production.

path "status/data/environment/production/*" {
  capabilities = ["create", "read", "update"]
}
