//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import Foundation

/// The extensions whose files are installed with the server.
extension PostgresInstallation {
    private static let controlSuffix = ".control"

    var extensionFolder: String { self.shareFolder + "/extension" }

    /// The extensions whose files are installed, by name.
    package func extensions() -> [String: ExtensionControl] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: self.extensionFolder)) ?? []
        var found: [String: ExtensionControl] = [:]
        for file in names {
            guard let name = Self.extensionName(ofControl: file),
                let data = FileManager.default.contents(atPath: "\(self.extensionFolder)/\(file)")
            else { continue }
            found[name] = ExtensionControl(String(decoding: data, as: UTF8.self))
        }
        return found
    }

    /// The name of the extension whose main control file that is; there are others, for single versions.
    static func extensionName(ofControl file: String) -> String? {
        guard file.endsExactly(with: Self.controlSuffix), !file.containsExactly("--") else { return nil }
        return String(decoding: file.utf8.dropLast(Self.controlSuffix.utf8.count), as: UTF8.self)
    }

    /// Whether there is a loadable module of that name.
    func hasModule(_ name: String) -> Bool {
        ["so", "dylib"].contains { FileManager.default.fileExists(atPath: "\(self.libFolder)/\(name).\($0)") }
    }

    /// The modules that have to be loaded at the server's start, of the extensions that the service offers.
    var preloadedModules: [String] {
        ServiceExtension.all.filter { $0.isPreloaded && self.hasModule($0.name) }.map(\.name)
    }
}
