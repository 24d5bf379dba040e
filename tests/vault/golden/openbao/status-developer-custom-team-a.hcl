# STATUS Secrets: DEVELOPER in custom/team-a.

path "status/metadata/.scopes/custom/team-a" {
  capabilities = ["read"]
}

path "status/metadata/custom/team-a/*" {
  capabilities = ["create", "list", "patch", "read", "scan"]
  denied_parameters = {
    "cas_required" = []
    "delete_version_after" = []
    "max_versions" = []
    "metadata_cas_required" = []
  }
}

path "status/detailed-metadata/custom/team-a/*" {
  capabilities = ["list", "scan"]
}

path "status/data/custom/team-a/*" {
  capabilities = ["create", "update"]
}

path "status/delete/custom/team-a/*" {
  capabilities = ["update"]
}

path "status/undelete/custom/team-a/*" {
  capabilities = ["update"]
}

path "status-keys/custom/team-a/keys" {
  capabilities = ["list"]
}

path "status-keys/custom/team-a/keys/+" {
  capabilities = ["read", "update"]
  allowed_parameters = {
    "type" = ["aes256-gcm96"]
  }
}

path "status-keys/custom/team-a/keys/+/rotate" {
  capabilities = ["update"]
}

path "status-keys/custom/team-a/encrypt/+" {
  capabilities = ["update"]
}

path "status-keys/custom/team-a/rewrap/+" {
  capabilities = ["update"]
}
