//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks

/// The rules for compute settings (reference: Endpoint).
extension ComputeSettings {
    private static let units = 0.5...64.0
    private static let suspension = Duration.seconds(60)...Duration.seconds(604_800)

    /// PostgreSQL settings that only the endpoint sets.
    private static let reserved: Set<String> = [
        "config_file", "data_directory", "hba_file", "ident_file", "external_pid_file", "listen_addresses", "port",
        "unix_socket_directories", "unix_socket_group", "unix_socket_permissions", "bonjour", "bonjour_name", "ssl",
        "logging_collector", "log_destination", "log_directory", "log_filename", "log_statement",
        "log_min_error_statement", "password_encryption", "max_connections", "archive_command", "archive_library",
        "restore_command", "shared_preload_libraries", "session_preload_libraries", "local_preload_libraries",
        "dynamic_library_path", "krb_server_keyfile", "event_source", "cluster_name", "fsync", "wal_level",
    ]

    mutating func apply(_ wanted: Postgres.DefaultEndpointSettings) throws(APIFailure) {
        try self.apply(minimum: wanted.autoscalingLimitMinCU, maximum: wanted.autoscalingLimitMaxCU)
        try self.applySuspension(wanted.suspendTimeoutDuration, wanted.noSuspension)
        if let parameters = wanted.pgSettings { try self.apply(parameters: parameters) }
    }

    /// Applies the fields that the mask selects; a selected field that the body lacks is reset to its default.
    mutating func apply(
        _ chosen: Set<String>, minimum: Double?, maximum: Double?, suspend: ProtobufDuration?, never: Bool?,
        parameters: [String: String]?
    ) throws(APIFailure) {
        let changesMinimum = chosen.contains("autoscaling_limit_min_cu")
        let changesMaximum = chosen.contains("autoscaling_limit_max_cu")
        if changesMinimum || changesMaximum {
            if changesMinimum, minimum == nil { self.minimumUnits = 1 }
            if changesMaximum, maximum == nil { self.maximumUnits = 1 }
            try self.apply(minimum: changesMinimum ? minimum : nil, maximum: changesMaximum ? maximum : nil)
        }
        if chosen.contains("suspension") {
            self.suspendSeconds = nil
            self.neverSuspends = false
            try self.applySuspension(suspend, never)
        }
        if chosen.contains("pg_settings") || chosen.contains("settings.pg_settings") {
            try self.apply(parameters: parameters ?? [:])
        }
    }

    /// Applies the limits of autoscaling; a limit that is not given is moved if the other one requires it.
    mutating func apply(minimum: Double?, maximum: Double?) throws(APIFailure) {
        if let minimum {
            self.minimumUnits = minimum
            if maximum == nil { self.maximumUnits = max(self.maximumUnits, minimum) }
        }
        if let maximum {
            self.maximumUnits = maximum
            if minimum == nil { self.minimumUnits = min(self.minimumUnits, maximum) }
        }
        guard Self.units.contains(self.minimumUnits), Self.units.contains(self.maximumUnits) else {
            throw .invalid("autoscaling_limit_min_cu and autoscaling_limit_max_cu must be between 0.5 and 64.")
        }
        guard self.minimumUnits <= self.maximumUnits else {
            throw .invalid("autoscaling_limit_min_cu must not be above autoscaling_limit_max_cu.")
        }
        guard self.maximumUnits - self.minimumUnits <= 16 else {
            throw .invalid("autoscaling_limit_max_cu may be at most 16 above autoscaling_limit_min_cu.")
        }
    }

    mutating func applySuspension(_ delay: ProtobufDuration?, _ never: Bool?) throws(APIFailure) {
        if delay != nil, never != nil {
            throw .invalid("Only one of 'suspend_timeout_duration' and 'no_suspension' may be given.")
        }
        if let never {
            guard never else { throw .invalid("Field 'no_suspension' can only be true; leave it out otherwise.") }
            self.neverSuspends = true
            self.suspendSeconds = nil
        }
        if let delay {
            guard Self.suspension.contains(delay.duration) else {
                throw .invalid("Field 'suspend_timeout_duration' must be between 60s and 604800s, got '\(delay)'.")
            }
            let parts = delay.duration.components
            self.suspendSeconds = Double(parts.seconds) + Double(parts.attoseconds) / 1e18
            self.neverSuspends = false
        }
    }

    mutating func apply(parameters: [String: String]) throws(APIFailure) {
        for (name, value) in parameters {
            let isName = name.utf8.first.map { $0 != UInt8(ascii: ".") } ?? false
            guard isName, name.utf8.count <= 63,
                name.utf8.allSatisfy({ byte in
                    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte == UInt8(ascii: "_")
                        || byte == UInt8(ascii: ".") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                })
            else { throw .invalid("'\(name)' is not the name of a setting of PostgreSQL.") }
            guard !Self.reserved.contains(name) else { throw .invalid("The setting '\(name)' cannot be changed.") }
            guard value.utf8.count <= 1024, value.utf8.allSatisfy({ $0 >= 32 && $0 != 127 }) else {
                throw .invalid("The value of the setting '\(name)' has characters that cannot be.")
            }
        }
        self.parameters = parameters
    }
}

extension WorkspaceState {
    /// Rejects a request for more than one compute.
    static func requireSingleCompute(_ group: Postgres.EndpointGroup?) throws(APIFailure) {
        guard let group else { return }
        let (least, most) = (group.min ?? 1, group.max ?? 1)
        guard least >= 1, least == most else {
            throw .invalid("Field 'group' needs min and max that are equal, 1 or more.")
        }
        guard most == 1, group.enableReadableSecondaries != true else {
            throw .notEmulated("A group of more than one compute")
        }
    }
}
