//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension Workspace {
    /// A folder, file or notebook.
    public struct ObjectInfo: Codable, Hashable, Sendable {
        /// Its absolute path.
        public var path: String?
        /// The type.
        public var objectType: ObjectType?
        /// Its numeric id.
        @Wire<IntegerCoding> public var objectID: Int64?
        /// The language of a notebook.
        public var language: Language?
        /// The length of a file in bytes.
        @Wire<IntegerCoding> public var size: Int64?
        /// When a file was made, in milliseconds since 1970.
        @Wire<IntegerCoding> public var createdAt: Int64?
        /// When a file was last changed, in milliseconds since 1970.
        @Wire<IntegerCoding> public var modifiedAt: Int64?
        /// An id that other APIs use for it.
        public var resourceID: String?

        /// Creates a value from its fields.
        public init(
            path: String? = nil,
            objectType: ObjectType? = nil,
            objectID: Int64? = nil,
            language: Language? = nil,
            size: Int64? = nil,
            createdAt: Int64? = nil,
            modifiedAt: Int64? = nil,
            resourceID: String? = nil
        ) {
            self.path = path
            self.objectType = objectType
            self.objectID = objectID
            self.language = language
            self.size = size
            self.createdAt = createdAt
            self.modifiedAt = modifiedAt
            self.resourceID = resourceID
        }

        private enum CodingKeys: String, CodingKey {
            case path
            case objectType = "object_type"
            case objectID = "object_id"
            case language
            case size
            case createdAt = "created_at"
            case modifiedAt = "modified_at"
            case resourceID = "resource_id"
        }
    }

    /// The type of an object of the workspace.
    public struct ObjectType: OpenEnum {
        /// The name on the wire.
        public let rawValue: String

        /// Creates a value from any name, known or not.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// A folder.
        public static let directory = Self(rawValue: "DIRECTORY")
        /// A file.
        public static let file = Self(rawValue: "FILE")
        /// A notebook.
        public static let notebook = Self(rawValue: "NOTEBOOK")
        /// A library.
        public static let library = Self(rawValue: "LIBRARY")
        /// A repository.
        public static let repo = Self(rawValue: "REPO")
        /// A dashboard.
        public static let dashboard = Self(rawValue: "DASHBOARD")
    }

    /// The language of a notebook.
    public struct Language: OpenEnum {
        /// The name on the wire.
        public let rawValue: String

        /// Creates a value from any name, known or not.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Python.
        public static let python = Self(rawValue: "PYTHON")
        /// SQL.
        public static let sql = Self(rawValue: "SQL")
        /// Scala.
        public static let scala = Self(rawValue: "SCALA")
        /// R.
        public static let r = Self(rawValue: "R")
    }

    /// The content of a folder.
    ///
    /// It comes in one piece.
    public struct ListResponse: Codable, Hashable, Sendable {
        /// The content; absent for an empty folder.
        public var objects: [ObjectInfo]?

        /// Creates a value from its fields.
        public init(
            objects: [ObjectInfo]? = nil
        ) {
            self.objects = objects
        }

        private enum CodingKeys: String, CodingKey {
            case objects
        }
    }
}
