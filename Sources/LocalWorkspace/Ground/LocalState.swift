//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import Foundation
package import LocalGround

/// The contents of `lakebase.json` in the data directory: names and numbers that must stay, no secrets.
package struct LocalState: Codable, Sendable, Equatable {
    /// An address and a port.
    package struct EndpointAddress: Codable, Sendable, Equatable {
        package var address: String
        package var port: Int

        package init(address: String, port: Int) {
            self.address = address
            self.port = port
        }
    }

    /// The layout version that is written, and the newest that is read.
    package static let currentVersion = 2

    /// The layout of the folder.
    package var version: Int
    /// The workspace's id: a number as text, because SDKs convert it to an integer.
    package var workspaceID: String
    /// The account's id, a UUID.
    package var accountID: String
    /// The application id of the app's service principal, a UUID: its user name and its role.
    package var applicationID: String
    /// The developer's user name, which is also the role that owns the database.
    package var developer: String
    /// When the folder was created.
    var createdAt: Date
    /// The host on which the workspace's HTTP service listened in the last run.
    package var controlPlaneHost: String?
    /// The port of the workspace's HTTP service in the last run.
    package var controlPlanePort: Int?
    /// The addresses of the endpoints in the last run, by resource name, in layout 1; later layouts keep them in the
    /// store.
    package var endpoints: [String: EndpointAddress]?
    /// The socket folder of the last run, to be removed if that run could not remove it.
    package var runtimeDirectory: String?

    /// Creates the state of a new folder.
    package static func fresh(now: Date = Date()) -> LocalState {
        LocalState(
            version: Self.currentVersion,
            // Sixteen digits, as the service's own; below 2^53, so that JavaScript keeps it.
            workspaceID: String(UInt64.random(in: 1_000_000_000_000_000..<9_000_000_000_000_000)),
            accountID: UUID().uuidString.lowercased(),
            applicationID: UUID().uuidString.lowercased(),
            developer: "developer@example.com",
            createdAt: Date(timeIntervalSince1970: now.timeIntervalSince1970.rounded(.down)),
            controlPlanePort: nil,
            runtimeDirectory: nil
        )
    }

    /// Reads the text of `lakebase.json`.
    package static func decode(_ data: Data, path: String) throws(LocalLakebaseError) -> LocalState {
        let remedy = "Choose another folder, or remove this one if nothing in it is needed."
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        struct Layout: Decodable {
            var version: Int
        }
        let state: LocalState
        do {
            // By itself first: another layout may lack anything else.
            let version = try decoder.decode(Layout.self, from: data).version
            guard (1...Self.currentVersion).contains(version) else { throw Self.otherLayout(version, path: path) }
            state = try decoder.decode(LocalState.self, from: data)
        } catch let error as LocalLakebaseError {
            throw error
        } catch {
            throw LocalLakebaseError(.dataDirectory, "\(path) cannot be read.", remedy: remedy, underlying: error)
        }
        guard UInt64(state.workspaceID) != nil, UUID(uuidString: state.applicationID) != nil, !state.developer.isEmpty
        else {
            throw LocalLakebaseError(.dataDirectory, "\(path) is damaged.", remedy: remedy)
        }
        return state
    }

    private static func otherLayout(_ version: Int, path: String) -> LocalLakebaseError {
        LocalLakebaseError(
            .dataDirectory,
            "\(path) has layout \(version); this version reads up to \(Self.currentVersion).",
            remedy: "Use the newer lakebase that wrote it, or choose another folder."
        )
    }

    /// The text for `lakebase.json`.
    package func encoded() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return try encoder.encode(self)
    }
}
