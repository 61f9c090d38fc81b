//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Crypto
import Foundation
package import LocalGround
import Secrets

/// A private tree around an installed server, which adds an extension without changing the installation.
///
/// PostgreSQL finds its `share` and `lib` folders relative to its own binary. The tree copies the server, links `lib`,
/// and links everything in `share` except `extension`, which is a folder of links with our files among them. The
/// control files of extensions that the service offers are copies that say `trusted`: no user of the server is its
/// superuser.
package struct PostgresDistribution: Sendable {
    /// The folder of the copied program.
    let binFolder: String
    /// The modules to load at the server's start.
    let preloadedModules: [String]

    var postgres: String { self.binFolder + "/postgres" }

    /// Opens the tree for this installation, or builds it.
    ///
    /// It is built again when the server was upgraded, or an extension was installed, removed or changed.
    static func open(
        in folder: String, for installation: PostgresInstallation
    ) throws(LocalLakebaseError) -> PostgresDistribution {
        let root = "\(folder)/\(installation.version)"
        let layout = Layout(installation: installation)
        let tree = PostgresDistribution(binFolder: root + layout.bin, preloadedModules: installation.preloadedModules)
        let stamp = Self.stamp(for: installation)
        if let data = FileManager.default.contents(atPath: root + "/stamp"),
            String(decoding: data, as: UTF8.self) == stamp
        {
            return tree
        }
        // Built beside and moved into place, so that a start that is killed leaves nothing half done.
        let building = root + ".new"
        do {
            try? FileManager.default.removeItem(atPath: building)
            try Self.build(in: building, layout: layout, installation: installation)
            try PrivateFile.write(Data(stamp.utf8), to: building + "/stamp", mode: 0o644)
            try? FileManager.default.removeItem(atPath: root)
            try FileManager.default.moveItem(atPath: building, toPath: root)
        } catch {
            throw LocalLakebaseError(
                .postgresFailed,
                "The private copy of PostgreSQL \(installation.version) could not be made in \(root): \(error).",
                remedy: "It needs about 10 MB; free some space or choose another folder with --data.",
                underlying: error
            )
        }
        return tree
    }

    /// The paths below the tree's root, such that those from `bin` to the others are as in the installation.
    struct Layout: Equatable {
        let bin: String
        let share: String
        let lib: String

        init(installation: PostgresInstallation) {
            let folders = [installation.binFolder, installation.shareFolder, installation.libFolder]
                .map { $0.split(separator: "/").map(String.init) }
            var common = 0
            while folders.allSatisfy({ $0.count > common + 1 && $0[common] == folders[0][common] }) { common += 1 }
            let relative = folders.map { "/" + $0.dropFirst(common).joined(separator: "/") }
            (self.bin, self.share, self.lib) = (relative[0], relative[1], relative[2])
        }
    }

    private static func build(in root: String, layout: Layout, installation: PostgresInstallation) throws {
        let files = FileManager.default
        for folder in [layout.bin, layout.share + "/extension"] {
            try PrivateFile.createDirectories(root + folder, mode: 0o755)
        }
        for program in ["postgres"] {
            let copy = "\(root)\(layout.bin)/\(program)"
            try files.copyItem(atPath: "\(installation.binFolder)/\(program)", toPath: copy)
            try PrivateFile.setMode(copy, 0o755)
        }
        try PrivateFile.createDirectories((root + layout.lib as NSString).deletingLastPathComponent, mode: 0o755)
        try files.createSymbolicLink(atPath: root + layout.lib, withDestinationPath: installation.libFolder)
        for name in try files.contentsOfDirectory(atPath: installation.shareFolder) where name != "extension" {
            // The library may be inside of share's own folder, or share inside of lib's.
            let link = "\(root)\(layout.share)/\(name)"
            if (try? files.attributesOfItem(atPath: link)) != nil { continue }
            try files.createSymbolicLink(atPath: link, withDestinationPath: "\(installation.shareFolder)/\(name)")
        }
        let extensions = installation.extensionFolder
        for name in try files.contentsOfDirectory(atPath: extensions) where !name.hasPrefix("databricks_auth") {
            let (own, installed) = ("\(root)\(layout.share)/extension/\(name)", "\(extensions)/\(name)")
            if let extended = PostgresInstallation.extensionName(ofControl: name),
                ServiceExtension.trusted.contains(extended),
                let data = files.contents(atPath: installed)
            {
                let text = ExtensionControl.trusting(String(decoding: data, as: UTF8.self))
                try PrivateFile.write(Data(text.utf8), to: own, mode: 0o644)
            } else {
                try files.createSymbolicLink(atPath: own, withDestinationPath: installed)
            }
        }
        for (name, text) in DatabricksAuthExtension.files {
            let path = "\(root)\(layout.share)/extension/\(name)"
            try PrivateFile.write(Data(text.utf8), to: path, mode: 0o644)
        }
    }

    private static func stamp(for installation: PostgresInstallation) -> String {
        let attributes = try? FileManager.default.attributesOfItem(atPath: installation.binFolder + "/postgres")
        let size = (attributes?[.size] as? NSNumber)?.int64Value ?? 0
        let date = (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
        return """
            layout 3
            \(installation.binFolder) \(installation.version) \(size) \(date.rounded(.down))
            databricks_auth \(DatabricksAuthExtension.fingerprint)
            extensions \(Self.digest(of: installation.extensionFolder))

            """
    }

    /// A digest of the contents of a folder: names, sizes, times.
    private static func digest(of folder: String) -> String {
        let files = FileManager.default
        var lines = ServiceExtension.trusted.sorted()
        for name in ((try? files.contentsOfDirectory(atPath: folder)) ?? []).sorted() {
            let attributes = try? files.attributesOfItem(atPath: "\(folder)/\(name)")
            let size = (attributes?[.size] as? NSNumber)?.int64Value ?? 0
            let date = (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
            lines.append("\(name) \(size) \(date.rounded(.down))")
        }
        return SHA256.hash(data: Data(lines.joined(separator: "\n").utf8)).prefix(8).map { String($0, radix: 16) }
            .joined(separator: ".")
    }
}

/// The private trees of the servers in use, each opened when the first data directory of its version runs.
package actor PostgresDistributions {
    private let folder: String
    private var trees: [String: PostgresDistribution] = [:]

    package init(folder: String) { self.folder = folder }

    /// The tree around an installed server; trees are built one at a time.
    package func tree(for installation: PostgresInstallation) throws(LocalLakebaseError) -> PostgresDistribution {
        if let tree = self.trees[installation.binFolder] { return tree }
        let tree = try PostgresDistribution.open(in: self.folder, for: installation)
        self.trees[installation.binFolder] = tree
        return tree
    }
}
