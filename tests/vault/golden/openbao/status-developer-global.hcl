# STATUS Secrets: DEVELOPER in global.

path "status/metadata/.scopes/global" {
  capabilities = ["read"]
}

path "status/metadata/global/*" {
  capabilities = ["create", "list", "patch", "read", "scan"]
  denied_parameters = {
    "cas_required" = []
    "delete_version_after" = []
    "max_versions" = []
    "metadata_cas_required" = []
  }
}

path "status/detailed-metadata/global/*" {
  capabilities = ["list", "scan"]
}

path "status/data/global/*" {
  capabilities = ["create", "update"]
}

path "status/delete/global/*" {
  capabilities = ["update"]
}

path "status/undelete/global/*" {
  capabilities = ["update"]
}

path "status-keys/global/keys" {
  capabilities = ["list"]
}

path "status-keys/global/keys/+" {
  capabilities = ["read", "update"]
  allowed_parameters = {
    "type" = ["aes256-gcm96"]
  }
}

path "status-keys/global/keys/+/rotate" {
  capabilities = ["update"]
}

path "status-keys/global/encrypt/+" {
  capabilities = ["update"]
}

path "status-keys/global/rewrap/+" {
  capabilities = ["update"]
}
