# STATUS Secrets: USER in custom/team-a.

path "status/metadata/.scopes/custom/team-a" {
  capabilities = ["read"]
}

path "status/metadata/custom/team-a/*" {
  capabilities = ["list", "read", "scan"]
}

path "status/detailed-metadata/custom/team-a/*" {
  capabilities = ["list", "scan"]
}

path "status-keys/custom/team-a/keys" {
  capabilities = ["list"]
}

path "status-keys/custom/team-a/keys/+" {
  capabilities = ["read"]
}
