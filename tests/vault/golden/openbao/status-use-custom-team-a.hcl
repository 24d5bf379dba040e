# STATUS Secrets: USE in custom/team-a.

path "status/metadata/.scopes/custom/team-a" {
  capabilities = ["read"]
}

path "status/metadata/custom/team-a/*" {
  capabilities = ["list", "read", "scan"]
}

path "status/detailed-metadata/custom/team-a/*" {
  capabilities = ["list", "scan"]
}

path "status/data/custom/team-a/*" {
  capabilities = ["read"]
}

path "status-keys/custom/team-a/keys" {
  capabilities = ["list"]
}

path "status-keys/custom/team-a/keys/+" {
  capabilities = ["read"]
}

path "status-keys/custom/team-a/encrypt/+" {
  capabilities = ["update"]
}

path "status-keys/custom/team-a/rewrap/+" {
  capabilities = ["update"]
}

path "status-keys/custom/team-a/decrypt/+" {
  capabilities = ["update"]
}
