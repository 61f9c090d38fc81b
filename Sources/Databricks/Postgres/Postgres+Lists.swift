//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension Postgres {
    /// A page of projects.
    public struct ListProjectsResponse: Codable, Hashable, Sendable {
        /// The page; absent and empty are the same.
        public var projects: [Project]?
        /// The token of the next page; absent or empty on the last page.
        public var nextPageToken: String?

        /// Creates a value from its fields.
        public init(
            projects: [Project]? = nil,
            nextPageToken: String? = nil
        ) {
            self.projects = projects
            self.nextPageToken = nextPageToken
        }

        private enum CodingKeys: String, CodingKey {
            case projects
            case nextPageToken = "next_page_token"
        }
    }

    /// A page of branches.
    public struct ListBranchesResponse: Codable, Hashable, Sendable {
        /// The page; absent and empty are the same.
        public var branches: [Branch]?
        /// The token of the next page; absent or empty on the last page.
        public var nextPageToken: String?

        /// Creates a value from its fields.
        public init(
            branches: [Branch]? = nil,
            nextPageToken: String? = nil
        ) {
            self.branches = branches
            self.nextPageToken = nextPageToken
        }

        private enum CodingKeys: String, CodingKey {
            case branches
            case nextPageToken = "next_page_token"
        }
    }

    /// A page of endpoints.
    public struct ListEndpointsResponse: Codable, Hashable, Sendable {
        /// The page; absent and empty are the same.
        public var endpoints: [Endpoint]?
        /// The token of the next page; absent or empty on the last page.
        public var nextPageToken: String?

        /// Creates a value from its fields.
        public init(
            endpoints: [Endpoint]? = nil,
            nextPageToken: String? = nil
        ) {
            self.endpoints = endpoints
            self.nextPageToken = nextPageToken
        }

        private enum CodingKeys: String, CodingKey {
            case endpoints
            case nextPageToken = "next_page_token"
        }
    }

    /// A page of roles.
    public struct ListRolesResponse: Codable, Hashable, Sendable {
        /// The page; absent and empty are the same.
        public var roles: [Role]?
        /// The token of the next page; absent or empty on the last page.
        public var nextPageToken: String?

        /// Creates a value from its fields.
        public init(
            roles: [Role]? = nil,
            nextPageToken: String? = nil
        ) {
            self.roles = roles
            self.nextPageToken = nextPageToken
        }

        private enum CodingKeys: String, CodingKey {
            case roles
            case nextPageToken = "next_page_token"
        }
    }

    /// A page of databases.
    public struct ListDatabasesResponse: Codable, Hashable, Sendable {
        /// The page; absent and empty are the same.
        public var databases: [Database]?
        /// The token of the next page; absent or empty on the last page.
        public var nextPageToken: String?

        /// Creates a value from its fields.
        public init(
            databases: [Database]? = nil,
            nextPageToken: String? = nil
        ) {
            self.databases = databases
            self.nextPageToken = nextPageToken
        }

        private enum CodingKeys: String, CodingKey {
            case databases
            case nextPageToken = "next_page_token"
        }
    }
}
