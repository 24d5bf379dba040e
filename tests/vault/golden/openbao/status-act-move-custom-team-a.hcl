# STATUS Secrets: ends a rename on someone's behalf in custom/team-a.

path "status/metadata/custom/team-a/*" {
  capabilities = ["delete", "patch"]
  denied_parameters = {
    "custom_metadata" = []
  }
}

path "status/destroy/custom/team-a/*" {
  capabilities = ["update"]
}

path "sys/policies/acl" {
  capabilities = ["list"]
}

path "sys/policies/acl/status-temp-*" {
  capabilities = ["delete"]
}
