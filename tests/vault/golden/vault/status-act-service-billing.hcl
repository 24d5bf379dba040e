# STATUS Secrets: acts on someone's behalf in service/billing.

path "status/data/service/billing/*" {
  capabilities = ["create", "read", "update"]
}
