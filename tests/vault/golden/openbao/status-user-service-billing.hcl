# STATUS Secrets: USER in service/billing.

path "status/metadata/.scopes/service/billing" {
  capabilities = ["read"]
}

path "status/metadata/service/billing/*" {
  capabilities = ["list", "read", "scan"]
}

path "status/detailed-metadata/service/billing/*" {
  capabilities = ["list", "scan"]
}

path "status-keys/service/billing/keys" {
  capabilities = ["list"]
}

path "status-keys/service/billing/keys/+" {
  capabilities = ["read"]
}
