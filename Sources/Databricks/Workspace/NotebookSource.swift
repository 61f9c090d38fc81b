//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// Which files the workspace takes for the source of a notebook.
///
/// Both the import call with the format `AUTO` and the call that uploads files make a notebook of such a file, under its name without the extension.
package enum NotebookSource {
    private static let marks: [(suffix: String, comment: String, language: Workspace.Language)] = [
        (".py", "#", .python), (".sql", "--", .sql), (".scala", "//", .scala), (".r", "#", .r),
    ]

    private static let suffixes = [".ipynb"] + Self.marks.map(\.suffix)

    /// The language of the notebook that a file becomes, nil for any other file.
    ///
    /// - Parameters:
    ///   - name: The name of the file, or its path.
    ///   - content: The content, or its beginning.
    package static func language(of name: String, content: Data) -> Workspace.Language? {
        let name = name.lowercased()
        if name.hasSuffix(".ipynb") { return .python }
        return self.marks.first { mark in
            name.hasSuffix(mark.suffix) && content.starts(with: Data("\(mark.comment) Databricks notebook source".utf8))
        }?.language
    }

    /// The language of the notebook that a file of this machine becomes, nil for any other file and for one that cannot be read.
    package static func language(of name: String, file: String) -> Workspace.Language? {
        // Only what has such a name is read.
        guard self.suffixes.contains(where: { name.lowercased().hasSuffix($0) }) else { return nil }
        return (try? Data(contentsOf: URL(filePath: file))).flatMap { self.language(of: name, content: $0) }
    }

    /// The name, or path, of the notebook that a file becomes.
    package static func name(of file: String) -> String {
        let start = file.utf8.lastIndex(of: UInt8(ascii: "/")).map { file.utf8.index(after: $0) } ?? file.startIndex
        guard let dot = file.utf8[start...].lastIndex(of: UInt8(ascii: ".")), dot != start else { return file }
        return String(file[..<dot])
    }
}
