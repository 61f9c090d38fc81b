//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import LocalWorkspace

/// The content of an import, from either kind of body, and its target.
struct WorkspaceImport: Equatable, Sendable {
    var request: Workspace.ImportRequest

    /// The most bytes of one import: 10 MB.
    static let limit = 10 * 1_024 * 1_024

    /// Reads a body: JSON, or a form as some clients send it.
    init(_ body: Data) throws {
        if body.starts(with: Data("--".utf8)) {
            self.request = try Self.form(body)
        } else {
            self.request = try ControlPlane.decode(Workspace.ImportRequest.self, from: body)
        }
        guard (self.request.content?.count ?? 0) <= Self.limit else {
            throw APIFailure(
                400, "MAX_NOTEBOOK_SIZE_EXCEEDED", "The content has more than the \(Self.limit) bytes of an import.")
        }
    }

    /// The path of the file or notebook, and the language of a notebook.
    func target() throws -> (path: WorkspacePath, language: Workspace.Language?) {
        guard let text = self.request.path, !text.isEmpty else { throw APIFailure.invalid("Field 'path' is required.") }
        let path = try WorkspacePath(text)
        let format = self.request.format ?? .source
        switch format {
        case .raw: return (path, nil)
        case .auto:
            guard let language = NotebookSource.language(of: path.name, content: self.request.content ?? Data()) else {
                return (path, nil)
            }
            return (path.withoutExtension, language)
        case .source:
            guard let language = self.request.language else {
                throw APIFailure.invalid("Field 'language' is required for the format SOURCE; use AUTO for files.")
            }
            return (path, language)
        case .jupyter: return (path.name.hasSuffix(".ipynb") ? path.withoutExtension : path, .python)
        default: throw APIFailure.invalid("The local workspace does not convert the format \(format).")
        }
    }

    /// The fields of `multipart/form-data`, whose boundary is its first line.
    private static func form(_ body: Data) throws -> Workspace.ImportRequest {
        let newline = Data("\r\n".utf8)
        guard let end = body.firstRange(of: newline) else { throw Self.unreadable }
        let boundary = Data(body[..<end.lowerBound])
        guard (3...200).contains(boundary.count) else { throw Self.unreadable }
        var request = Workspace.ImportRequest()
        var rest = body[end.upperBound...]
        while let next = rest.firstRange(of: newline + boundary) {
            let part = rest[..<next.lowerBound]
            // A part without headers begins with the empty line that ends them.
            guard let blank = part.firstRange(of: newline + newline) else { throw Self.unreadable }
            let head = String(decoding: part[..<blank.lowerBound], as: UTF8.self)
            let content = Data(part[blank.upperBound...])
            let text = String(decoding: content.prefix(4_096), as: UTF8.self)
            switch Self.name(head) {
            case "path": request.path = text
            case "format": request.format = Workspace.ImportFormat(rawValue: text)
            case "language": request.language = Workspace.Language(rawValue: text)
            case "overwrite": request.overwrite = text == "true"
            case "content": request.content = content
            default: break
            }
            rest = rest[next.upperBound...]
            if rest.starts(with: Data("--".utf8)) { return request }
            guard rest.starts(with: newline) else { throw Self.unreadable }
            rest = rest.dropFirst(newline.count)
        }
        throw Self.unreadable
    }

    private static func name(_ head: String) -> String? {
        guard let start = head.firstRange(of: "name=\""), let end = head[start.upperBound...].firstIndex(of: "\"")
        else { return nil }
        return String(head[start.upperBound..<end])
    }

    private static let unreadable = APIFailure(400, "MALFORMED_REQUEST", "The form of the request cannot be read.")
}
