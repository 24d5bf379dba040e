# STATUS Secrets: DEVELOPER in service/billing.

path "status/metadata/.scopes/service/billing" {
  capabilities = ["read"]
}

path "status/metadata/service/billing/*" {
  capabilities = ["create", "list", "patch", "read"]
  denied_parameters = {
    "cas_required" = []
    "delete_version_after" = []
    "max_versions" = []
    "metadata_cas_required" = []
  }
}

path "status/data/service/billing/*" {
  capabilities = ["create", "update"]
}

path "status/delete/service/billing/*" {
  capabilities = ["update"]
}

path "status/undelete/service/billing/*" {
  capabilities = ["update"]
}

path "status-keys/service/billing/keys" {
  capabilities = ["list"]
}

path "status-keys/service/billing/keys/+" {
  capabilities = ["read", "update"]
  allowed_parameters = {
    "type" = ["aes256-gcm96"]
  }
}

path "status-keys/service/billing/keys/+/rotate" {
  capabilities = ["update"]
}

path "status-keys/service/billing/encrypt/+" {
  capabilities = ["update"]
}

path "status-keys/service/billing/rewrap/+" {
  capabilities = ["update"]
}
