# STATUS Secrets: ends a rename on someone's behalf in service/billing.

path "status/metadata/service/billing/*" {
  capabilities = ["delete", "patch"]
  denied_parameters = {
    "custom_metadata" = []
  }
}

path "status/destroy/service/billing/*" {
  capabilities = ["update"]
}

path "sys/policies/acl" {
  capabilities = ["list"]
}

path "sys/policies/acl/status-temp-*" {
  capabilities = ["delete"]
}
