//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension Database {
    /// A reference to an instance at a point in time.
    public struct InstanceRef: Codable, Hashable, Sendable {
        /// Its name.
        public var name: String?
        /// Its id.
        public var uid: String?
        /// The point in time.
        @Wire<RFC3339> public var branchTime: Date?
        /// The log position, which takes precedence over the point in time.
        public var lsn: String?
        /// The log position in effect.
        public var effectiveLSN: String?

        /// Creates a value from its fields.
        public init(
            name: String? = nil,
            uid: String? = nil,
            branchTime: Date? = nil,
            lsn: String? = nil,
            effectiveLSN: String? = nil
        ) {
            self.name = name
            self.uid = uid
            self.branchTime = branchTime
            self.lsn = lsn
            self.effectiveLSN = effectiveLSN
        }

        private enum CodingKeys: String, CodingKey {
            case name
            case uid
            case branchTime = "branch_time"
            case lsn
            case effectiveLSN = "effective_lsn"
        }
    }

    /// A tag that shows up in billing records.
    public struct CustomTag: Codable, Hashable, Sendable {
        /// Its name.
        public var key: String?
        /// Its value.
        public var value: String?

        /// Creates a value from its fields.
        public init(
            key: String? = nil,
            value: String? = nil
        ) {
            self.key = key
            self.value = value
        }

        private enum CodingKeys: String, CodingKey {
            case key
            case value
        }
    }

    /// The state of an instance.
    public struct InstanceState: OpenEnum {
        /// The name on the wire.
        public let rawValue: String

        /// Creates a value from any name, known or not.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Being created or started.
        public static let starting = Self(rawValue: "STARTING")
        /// Ready.
        public static let available = Self(rawValue: "AVAILABLE")
        /// Being changed.
        public static let updating = Self(rawValue: "UPDATING")
        /// Changing its primary.
        public static let failingOver = Self(rawValue: "FAILING_OVER")
        /// Stopped.
        public static let stopped = Self(rawValue: "STOPPED")
        /// Being deleted.
        public static let deleting = Self(rawValue: "DELETING")
    }

    /// A page of instances.
    public struct ListInstancesResponse: Codable, Hashable, Sendable {
        /// The page; absent and empty are the same.
        public var instances: [Instance]?
        /// The token of the next page; absent or empty on the last page.
        public var nextPageToken: String?

        /// Creates a value from its fields.
        public init(
            instances: [Instance]? = nil,
            nextPageToken: String? = nil
        ) {
            self.instances = instances
            self.nextPageToken = nextPageToken
        }

        private enum CodingKeys: String, CodingKey {
            case instances = "database_instances"
            case nextPageToken = "next_page_token"
        }
    }
}
