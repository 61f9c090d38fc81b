//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import StarterFiles

/// The files of a new app.
struct Scaffold: Sendable, Hashable {
    /// Where the new package finds lakebase-swift.
    enum Library: Sendable, Hashable {
        /// A checkout, by its path, absolute or relative to the new package.
        case path(String)
        /// A repository, of which the branch `main` is used.
        case url(String)
    }

    /// A file.
    struct File: Sendable, Hashable {
        /// Its path in the package.
        var path: String
        /// Its contents.
        var text: String
    }

    /// The name of the app, the package and the product.
    var name: String
    /// Where the package finds lakebase-swift.
    var library: Library

    /// What is wrong with a name; nil if it is valid.
    ///
    /// With `-dev` appended it must be a valid name of an app on the platform, which has at most 30 characters. Alone it must be a valid
    /// id of a project, which begins with a letter.
    static func mistake(inName name: String) -> String? {
        guard name.wholeMatch(of: /[a-z]([a-z0-9-]*[a-z0-9])?/) != nil, name.utf8.count <= 26 else {
            return
                "'\(name.prefix(100))' cannot be the name of an app: 1 to 26 lowercase letters, digits and hyphens, a letter "
                + "first and no hyphen last; give another one with --name"
        }
        return ["app", "apptests", "lakebase-swift", "hummingbird", "swift-log"].contains(name)
            ? "'\(name)' is the name of something that the app is made of; give another one with --name" : nil
    }

    /// The schema of the app: its name as an identifier that needs no quotes.
    var schema: String { self.name.replacing("-", with: "_") }

    /// The files, in the order of their paths.
    var files: [File] {
        let dependency =
            switch self.library {
            case .path(let path): ".package(name: \"lakebase-swift\", path: \(Self.literal(path)))"
            case .url(let url): ".package(url: \(Self.literal(url)), branch: \"main\")"
            }
        return StarterFiles.all.map { path, bytes in
            let text = Self.withoutHeader(String(decoding: bytes, as: UTF8.self))
                .replacing(Self.exampleDependency, with: dependency).replacing(Self.exampleModule, with: "App")
                .replacing(Self.exampleSchema, with: self.schema).replacing(Self.exampleName, with: self.name)
            return File(path: path, text: text)
        }
    }

    // MARK: The example

    private static let exampleName = "starter-app"
    private static let exampleSchema = "starter_schema"
    private static let exampleModule = "LakebaseStarter"
    /// How the example's manifest names lakebase-swift.
    private static let exampleDependency = #".package(name: "lakebase-swift", path: "../..")"#

    /// A source file without the header with this project's licence.
    private static func withoutHeader(_ text: String) -> String {
        guard text.startsExactly(with: "//===---"), let end = text.firstRange(of: "\n\n") else { return text }
        return String(text[end.upperBound...])
    }

    private static func literal(_ text: String) -> String {
        "\"\(text.replacingExactly("\\", with: "\\\\").replacingExactly("\"", with: "\\\""))\""
    }
}
