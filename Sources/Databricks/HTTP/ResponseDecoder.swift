//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Reads the JSON of an answer, with errors that say which field is wrong and never what it held.
enum ResponseDecoder {
    static func decode<Body: Decodable>(
        _ type: Body.Type, from answer: TransportResponse, operation: String
    ) throws(DatabricksError) -> Body {
        do {
            // An empty body is an empty object: calls without a result may answer so.
            let body = answer.body.isEmpty ? Array("{}".utf8) : answer.body
            return try JSONDecoder().decode(type, from: Data(body))
        } catch {
            throw DatabricksError(
                code: .invalidResponse,
                message: self.words(for: error, answer: answer),
                httpStatus: answer.status,
                requestID: answer.header("x-request-id"),
                operation: operation
            )
        }
    }

    private static func words(for error: any Error, answer: TransportResponse) -> String {
        guard !answer.body.isEmpty else { return "the answer is empty" }
        switch error as? DecodingError {
        case .keyNotFound(let key, let context)?: return "the answer has no \(self.path(context.codingPath + [key]))"
        case .valueNotFound(_, let context)?: return "\(self.path(context.codingPath)) of the answer is empty"
        case .typeMismatch(_, let context)?: return "\(self.path(context.codingPath)) of the answer has the wrong type"
        case .dataCorrupted(let context)? where !context.codingPath.isEmpty:
            return "\(self.path(context.codingPath)) of the answer is wrong"
        case .dataCorrupted?, nil: break
        @unknown default: break
        }
        if let encoding = answer.header("Content-Encoding"), encoding.lowercased() != "identity" {
            return
                "the answer is compressed (\(ErrorParser.clean(String(encoding.prefix(40))))), which was not asked for; a proxy on the way may have done it"
        }
        let header = answer.header("Content-Type")
        if header?.lowercased().contains("json") == true {
            return
                "the answer is not JSON, although it says so, or is cut off; check that the host is a Databricks workspace"
        }
        let type = header.map { " but \(ErrorParser.clean(String($0.prefix(80))))" } ?? ""
        return "the answer is not JSON\(type); check that the host is a Databricks workspace"
    }

    private static func path(_ path: [any CodingKey]) -> String {
        let text = path.map { key in key.intValue.map { "[\($0)]" } ?? key.stringValue }.joined(separator: ".")
        return text.isEmpty ? "the top" : "'\(text)'"
    }
}
