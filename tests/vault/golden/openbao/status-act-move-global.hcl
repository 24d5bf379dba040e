# STATUS Secrets: ends a rename on someone's behalf in global.

path "status/metadata/global/*" {
  capabilities = ["delete", "patch"]
  denied_parameters = {
    "custom_metadata" = []
  }
}

path "status/destroy/global/*" {
  capabilities = ["update"]
}

path "sys/policies/acl" {
  capabilities = ["list"]
}

path "sys/policies/acl/status-temp-*" {
  capabilities = ["delete"]
}
