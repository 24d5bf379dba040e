# STATUS Secrets: the adapter's own identity.

path "auth/token/create/status-act" {
  capabilities = ["update"]
  required_parameters = ["policies", "meta", "ttl", "num_uses", "display_name"]
  allowed_parameters = {
    "policies" = []
    "meta" = []
    "ttl" = []
    "num_uses" = []
    "display_name" = []
  }
}

path "auth/token/create/status-account" {
  capabilities = ["update"]
  required_parameters = ["policies", "meta", "explicit_max_ttl", "display_name", "entity_alias"]
  allowed_parameters = {
    "policies" = []
    "meta" = []
    "explicit_max_ttl" = []
    "display_name" = []
    "entity_alias" = ["account-*"]
  }
}

path "identity/entity/name/account-*" {
  capabilities = ["read"]
}

path "status-seal/sign/log" {
  capabilities = ["update"]
}

path "auth/token/lookup-self" {
  capabilities = ["read"]
}

path "auth/token/revoke-self" {
  capabilities = ["update"]
}
