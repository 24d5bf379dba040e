# STATUS Secrets: ADMIN.

path "status/*" {
  capabilities = ["create", "delete", "list", "patch", "read", "update"]
}

path "status/data/custom/team-a/*" {
  capabilities = ["create", "delete", "list", "patch", "read", "update"]
}

path "status/delete/custom/team-a/*" {
  capabilities = ["create", "delete", "list", "patch", "read", "update"]
}

path "status/metadata/.scopes/custom/team-a" {
  capabilities = ["create", "delete", "list", "patch", "read", "update"]
}

path "status/metadata/custom/team-a/*" {
  capabilities = ["create", "delete", "list", "patch", "read", "update"]
}

path "status/undelete/custom/team-a/*" {
  capabilities = ["create", "delete", "list", "patch", "read", "update"]
}

path "status/data/environment/production/*" {
  capabilities = ["create", "delete", "list", "patch", "read", "update"]
}

path "status/delete/environment/production/*" {
  capabilities = ["create", "delete", "list", "patch", "read", "update"]
}

path "status/metadata/.scopes/environment/production" {
  capabilities = ["create", "delete", "list", "patch", "read", "update"]
}

path "status/metadata/environment/production/*" {
  capabilities = ["create", "delete", "list", "patch", "read", "update"]
}

path "status/undelete/environment/production/*" {
  capabilities = ["create", "delete", "list", "patch", "read", "update"]
}

path "status/data/global/*" {
  capabilities = ["create", "delete", "list", "patch", "read", "update"]
}

path "status/delete/global/*" {
  capabilities = ["create", "delete", "list", "patch", "read", "update"]
}

path "status/metadata/.scopes/global" {
  capabilities = ["create", "delete", "list", "patch", "read", "update"]
}

path "status/metadata/global/*" {
  capabilities = ["create", "delete", "list", "patch", "read", "update"]
}

path "status/undelete/global/*" {
  capabilities = ["create", "delete", "list", "patch", "read", "update"]
}

path "status/data/service/billing/*" {
  capabilities = ["create", "delete", "list", "patch", "read", "update"]
}

path "status/delete/service/billing/*" {
  capabilities = ["create", "delete", "list", "patch", "read", "update"]
}

path "status/metadata/.scopes/service/billing" {
  capabilities = ["create", "delete", "list", "patch", "read", "update"]
}

path "status/metadata/service/billing/*" {
  capabilities = ["create", "delete", "list", "patch", "read", "update"]
}

path "status/undelete/service/billing/*" {
  capabilities = ["create", "delete", "list", "patch", "read", "update"]
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

path "status-keys/custom/team-a/decrypt/+" {
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

path "status-keys/environment/production/decrypt/+" {
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

path "status-keys/global/decrypt/+" {
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

path "status-keys/service/billing/decrypt/+" {
  capabilities = ["update"]
}

path "sys/mounts" {
  capabilities = ["read"]
}

path "sys/mounts/status" {
  capabilities = ["create", "read", "update"]
}

path "sys/mounts/status/tune" {
  capabilities = ["create", "read", "update"]
}

path "sys/mounts/status-keys/*" {
  capabilities = ["create", "read", "update"]
}

path "sys/mounts/status-seal" {
  capabilities = ["create", "read", "update"]
}

path "status-seal/keys/log" {
  capabilities = ["create", "read", "update"]
}

path "sys/auth" {
  capabilities = ["read"]
}

path "sys/auth/userpass" {
  capabilities = ["create", "read", "sudo", "update"]
}

path "sys/auth/userpass/tune" {
  capabilities = ["create", "read", "sudo", "update"]
}

path "sys/auth/status-approle" {
  capabilities = ["create", "read", "sudo", "update"]
}

path "sys/auth/status-approle/tune" {
  capabilities = ["create", "read", "sudo", "update"]
}

path "auth/userpass/users" {
  capabilities = ["list"]
}

path "auth/userpass/users/*" {
  capabilities = ["create", "delete", "list", "read", "update"]
}

path "auth/status-approle/role" {
  capabilities = ["list"]
}

path "auth/status-approle/role/*" {
  capabilities = ["create", "delete", "list", "read", "update"]
}

path "auth/token/accessors" {
  capabilities = ["list", "sudo"]
}

path "auth/token/lookup-accessor" {
  capabilities = ["update"]
}

path "auth/token/revoke-accessor" {
  capabilities = ["update"]
}

path "auth/token/create/status-temporary" {
  capabilities = ["update"]
  denied_parameters = {
    "entity_alias" = []
    "id" = []
    "period" = []
  }
}

path "auth/token/roles" {
  capabilities = ["list"]
}

path "auth/token/roles/status-*" {
  capabilities = ["create", "delete", "list", "read", "update"]
}

path "sys/policies/acl" {
  capabilities = ["list"]
}

path "sys/policies/acl/status-*" {
  capabilities = ["create", "delete", "list", "read", "update"]
}

path "identity/group/name" {
  capabilities = ["list"]
}

path "identity/group/name/*" {
  capabilities = ["read"]
}

path "identity/group/name/status-*" {
  capabilities = ["create", "delete", "list", "read", "update"]
}

path "identity/group/id" {
  capabilities = ["list"]
}

path "identity/group/id/*" {
  capabilities = ["read"]
}

path "identity/entity" {
  capabilities = ["create", "read", "update"]
}

path "identity/entity/id/*" {
  capabilities = ["read"]
}

path "identity/entity/name/*" {
  capabilities = ["create", "delete", "list", "read", "update"]
}

path "identity/entity-alias" {
  capabilities = ["create", "read", "update"]
}

path "identity/lookup/entity" {
  capabilities = ["create", "update"]
}

path "sys/locked-users" {
  capabilities = ["read"]
}

path "sys/locked-users/+/unlock/*" {
  capabilities = ["create", "update"]
}

path "sys/audit" {
  capabilities = ["read", "sudo"]
}

path "sys/audit-hash/*" {
  capabilities = ["create", "update"]
}

path "sys/audit/status" {
  capabilities = ["create", "read", "sudo", "update"]
}

path "sys/config/auditing/request-headers" {
  capabilities = ["read", "sudo"]
}

path "sys/config/auditing/request-headers/X-Status-*" {
  capabilities = ["create", "read", "sudo", "update"]
}

path "sys/rotate/config" {
  capabilities = ["read", "update"]
}

path "sys/key-status" {
  capabilities = ["read"]
}
