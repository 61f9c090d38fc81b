//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension Workspace {
    /// A request to create a folder with its parents.
    public struct MakeDirectoriesRequest: Codable, Hashable, Sendable {
        /// Its absolute path.
        public var path: String?

        /// Creates a value from its fields.
        public init(
            path: String? = nil
        ) {
            self.path = path
        }

        private enum CodingKeys: String, CodingKey {
            case path
        }
    }

    /// A request to delete an object.
    public struct DeleteRequest: Codable, Hashable, Sendable {
        /// Its absolute path.
        public var path: String?
        /// Whether a folder is deleted with its contents.
        public var recursive: Bool?

        /// Creates a value from its fields.
        public init(
            path: String? = nil,
            recursive: Bool? = nil
        ) {
            self.path = path
            self.recursive = recursive
        }

        private enum CodingKeys: String, CodingKey {
            case path
            case recursive
        }
    }

    /// A request to write a file or notebook of at most 10 MB.
    public struct ImportRequest: Codable, Hashable, Sendable {
        /// Its absolute path.
        ///
        /// The folder must be there.
        public var path: String?
        /// The format of the content; the source of a notebook when absent.
        public var format: ImportFormat?
        /// The language, for the source of a notebook.
        public var language: Language?
        /// Whether to replace an existing file.
        public var overwrite: Bool?
        /// The content, base64 on the wire.
        @Wire<Base64Coding> public var content: Data?

        /// Creates a value from its fields.
        public init(
            path: String? = nil,
            format: ImportFormat? = nil,
            language: Language? = nil,
            overwrite: Bool? = nil,
            content: Data? = nil
        ) {
            self.path = path
            self.format = format
            self.language = language
            self.overwrite = overwrite
            self.content = content
        }

        private enum CodingKeys: String, CodingKey {
            case path
            case format
            case language
            case overwrite
            case content
        }
    }

    /// The content of a file or notebook.
    public struct ExportResponse: Codable, Hashable, Sendable {
        /// The content, base64 on the wire.
        @Wire<Base64Coding> public var content: Data?
        /// The extension that fits the content.
        public var fileType: String?

        /// Creates a value from its fields.
        public init(
            content: Data? = nil,
            fileType: String? = nil
        ) {
            self.content = content
            self.fileType = fileType
        }

        private enum CodingKeys: String, CodingKey {
            case content
            case fileType = "file_type"
        }
    }

    /// The format of an import.
    public struct ImportFormat: OpenEnum {
        /// The name on the wire.
        public let rawValue: String

        /// Creates a value from any name, known or not.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Detected from path and content; anything but a notebook becomes a file.
        public static let auto = Self(rawValue: "AUTO")
        /// The unchanged bytes of a file.
        public static let raw = Self(rawValue: "RAW")
        /// The source of a notebook.
        public static let source = Self(rawValue: "SOURCE")
        /// A notebook as a page.
        public static let html = Self(rawValue: "HTML")
        /// A Jupyter notebook.
        public static let jupyter = Self(rawValue: "JUPYTER")
        /// An archive of notebooks.
        public static let dbc = Self(rawValue: "DBC")
        /// A notebook in R Markdown.
        public static let rMarkdown = Self(rawValue: "R_MARKDOWN")
    }

    /// The format of an export.
    public struct ExportFormat: OpenEnum {
        /// The name on the wire.
        public let rawValue: String

        /// Creates a value from any name, known or not.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The format that fits the object.
        public static let auto = Self(rawValue: "AUTO")
        /// The unchanged bytes of a file.
        public static let raw = Self(rawValue: "RAW")
        /// The source of a notebook.
        public static let source = Self(rawValue: "SOURCE")
        /// A notebook as a page.
        public static let html = Self(rawValue: "HTML")
        /// A Jupyter notebook.
        public static let jupyter = Self(rawValue: "JUPYTER")
        /// An archive of notebooks.
        public static let dbc = Self(rawValue: "DBC")
        /// A notebook in R Markdown.
        public static let rMarkdown = Self(rawValue: "R_MARKDOWN")
    }
}
