# STATUS Secrets: acts on someone's behalf in custom/team-a.

path "status/data/custom/team-a/*" {
  capabilities = ["create", "read", "update"]
}
