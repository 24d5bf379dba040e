# STATUS Secrets: USE in custom/team-a.

path "status/metadata/.scopes/custom/team-a" {
  capabilities = ["read"]
}

path "status/metadata/custom/team-a/*" {
  capabilities = ["list", "read"]
}

path "status/data/custom/team-a/*" {
  capabilities = ["read"]
}
