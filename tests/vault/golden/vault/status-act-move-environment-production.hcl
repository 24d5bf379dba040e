# STATUS Secrets: ends a rename on someone's behalf in environment/production.

path "status/metadata/environment/production/*" {
  capabilities = ["delete", "patch"]
  denied_parameters = {
    "custom_metadata" = []
  }
}

path "status/destroy/environment/production/*" {
  capabilities = ["update"]
}

path "sys/policies/acl" {
  capabilities = ["list"]
}

path "sys/policies/acl/status-temp-*" {
  capabilities = ["delete"]
}
