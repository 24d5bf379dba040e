# STATUS Secrets: DEVELOPER in environment/production.

path "status/metadata/.scopes/environment/production" {
  capabilities = ["read"]
}

path "status/metadata/environment/production/*" {
  capabilities = ["create", "list", "patch", "read", "scan"]
  denied_parameters = {
    "cas_required" = []
    "delete_version_after" = []
    "max_versions" = []
    "metadata_cas_required" = []
  }
}

path "status/detailed-metadata/environment/production/*" {
  capabilities = ["list", "scan"]
}

path "status/data/environment/production/*" {
  capabilities = ["create", "update"]
}

path "status/delete/environment/production/*" {
  capabilities = ["update"]
}

path "status/undelete/environment/production/*" {
  capabilities = ["update"]
}

path "status-keys/environment/production/keys" {
  capabilities = ["list"]
}

path "status-keys/environment/production/keys/+" {
  capabilities = ["read", "update"]
  allowed_parameters = {
    "type" = ["aes256-gcm96"]
  }
}

path "status-keys/environment/production/keys/+/rotate" {
  capabilities = ["update"]
}

path "status-keys/environment/production/encrypt/+" {
  capabilities = ["update"]
}

path "status-keys/environment/production/rewrap/+" {
  capabilities = ["update"]
}
