//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation

/// Finds a checkout of lakebase-swift.
enum LibraryPlace {
    /// The checkout that this program was built in; nil if it was installed elsewhere.
    static func ofThisProgram() -> String? {
        guard let program = Bundle.main.executablePath else { return nil }
        var folder = URL(fileURLWithPath: program).resolvingSymlinksInPath().deletingLastPathComponent()
        while folder.path != "/" {
            if self.isCheckout(folder.path) { return folder.path }
            folder.deleteLastPathComponent()
        }
        return nil
    }

    /// Whether the package lakebase-swift is in a folder.
    static func isCheckout(_ folder: String) -> Bool {
        guard let manifest = FileManager.default.contents(atPath: folder + "/Package.swift") else { return false }
        return String(decoding: manifest, as: UTF8.self).contains("name: \"lakebase-swift\"")
    }

    /// The relative path from one absolute path to another; the absolute path if they have no common parent.
    static func path(to target: String, from folder: String) -> String {
        let (there, here) = (target.split(separator: "/"), folder.split(separator: "/"))
        let common = zip(there, here).prefix { $0 == $1 }.count
        guard common > 0 else { return target }
        let way = Array(repeating: "..", count: here.count - common) + there.dropFirst(common).map(String.init)
        return way.isEmpty ? "." : way.joined(separator: "/")
    }
}
