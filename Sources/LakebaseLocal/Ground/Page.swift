//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import LocalWorkspace

/// One page of a list.
struct Page<Item> {
    var items: [Item]
    /// The token of the next page; `nil` on the last.
    var next: String?

    /// Selects the page that a request asks for.
    ///
    /// The token names the last item of the page before, so pages neither repeat nor skip when others come and go.
    init(_ all: [Item], name: (Item) -> String, request: APIRequest) throws(APIFailure) {
        let size = try request.pageSize()
        var rest = all.sorted { name($0) < name($1) }
        if let token = request.query["page_token"], !token.isEmpty {
            guard let data = Data(base64Encoded: token), let last = String(data: data, encoding: .utf8),
                last.hasPrefix("after:")
            else { throw .invalid("Field 'page_token' is not one that a list has answered.") }
            let after = last.dropFirst("after:".count)
            rest = rest.filter { name($0) > after }
        }
        self.items = Array(rest.prefix(size))
        self.next =
            rest.count > size
            ? self.items.last.map { Data("after:\(name($0))".utf8).base64EncodedString() } : nil
    }
}

extension APIRequest {
    /// The page size: 50 if the request does not say, at most 100.
    fileprivate func pageSize() throws(APIFailure) -> Int {
        guard let text = self.query["page_size"], !text.isEmpty else { return 50 }
        guard let size = Int(text), size >= 0 else {
            throw .invalid("Field 'page_size' must be a number of 0 or more, got '\(text)'.")
        }
        return size == 0 ? 50 : min(size, 100)
    }

    /// A boolean parameter of the query.
    func flag(_ name: String) throws(APIFailure) -> Bool? {
        switch self.query[name] {
        case nil, "": return nil
        case "true": return true
        case "false": return false
        case let text?: throw .invalid("Field '\(name)' must be true or false, got '\(text)'.")
        }
    }
}
