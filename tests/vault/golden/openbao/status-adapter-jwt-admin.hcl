# STATUS Secrets: STATUS accounts that are ADMIN.

path "auth/token/create/status-account-admin" {
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
