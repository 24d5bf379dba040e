# Written at each start by STATUS Secrets. Paths are relative to this folder, the server's working directory: the
# folder can be moved, and the audit device, whose path may never change, stays the same one.
ui           = false
api_addr     = "https://$api_address"
cluster_addr = "https://$cluster_address"
log_level    = "info"

storage "raft" {
  path                   = "data"
  node_id                = "main"
  performance_multiplier = 1
}

listener "tcp" {
  address                  = "$listen_address"
  cluster_address          = "$cluster_address"
  tls_cert_file            = "tls/server.pem"
  tls_key_file             = "tls/server.key"
  tls_min_version          = "tls12"
  max_request_json_strings = 20000

  # The adapter on this machine says from where its callers come; so could any other program of this machine.
  x_forwarded_for_authorized_addrs      = ["127.0.0.1", "::1"]
  x_forwarded_for_reject_not_present    = false
  x_forwarded_for_reject_not_authorized = false
}

seal "static" {
  current_key_id = "first"
  current_key    = "file://seal.key"
}

audit "file" "main" {
  description = "Every request and answer; secrets as keyed hashes"
  options {
    file_path = "audit/audit.log"
    mode      = "0600"
  }
}
