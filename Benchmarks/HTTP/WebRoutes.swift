//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

// Shared with the peer on PostgresNIO, which script/bench builds outside of this package.

import HTTPTypes
import Hummingbird
import NIOCore

/// The four database tests: one row, rows by a query each, HTML, and updates.
struct WebRoutes<Database: WorldDatabase>: Sendable {
    let database: Database

    func add(to router: RouterGroup<BasicRequestContext>) {
        router.get("db") { _, _ in
            var body = ByteBuffer()
            body.write(try await self.database.world(.random(in: 1...World.count)))
            return Response.json(body)
        }
        router.get("queries") { request, _ in
            Response.json(try await self.database.worlds(Self.ids(Self.count(request))))
        }
        router.get("fortunes") { _, _ in
            var fortunes = try await self.database.fortunes()
            fortunes.append(Fortune(id: 0, message: "Additional fortune added at request time."))
            fortunes.sort { $0.message.utf8.lexicographicallyPrecedes($1.message.utf8) }
            return Response.html(fortunes)
        }
        router.get("updates") { request, _ in
            // In order, so that no two requests wait for each other.
            var worlds = try await self.database.worlds(Self.ids(Self.count(request)).sorted())
            for index in worlds.indices { worlds[index].randomNumber = .random(in: 1...World.count) }
            try await self.database.update(worlds)
            return Response.json(worlds)
        }
    }

    private static func count(_ request: Request) -> Int {
        min(max(request.uri.queryParameters.get("queries", as: Int.self) ?? 1, 1), 500)
    }

    /// Different numbers of rows, in no order.
    private static func ids(_ count: Int) -> [Int32] {
        var ids: [Int32] = []
        while ids.count < count {
            let id = Int32.random(in: 1...World.count)
            if !ids.contains(id) { ids.append(id) }
        }
        return ids
    }
}

extension Response {
    fileprivate static func json(_ body: ByteBuffer) -> Response {
        Response(status: .ok, headers: [.contentType: "application/json"], body: ResponseBody(byteBuffer: body))
    }

    fileprivate static func json(_ worlds: [World]) -> Response {
        var body = ByteBuffer()
        body.reserveCapacity(worlds.count * 40)
        body.writeInteger(UInt8(ascii: "["))
        for (index, world) in worlds.enumerated() {
            if index > 0 { body.writeInteger(UInt8(ascii: ",")) }
            body.write(world)
        }
        body.writeInteger(UInt8(ascii: "]"))
        return Response.json(body)
    }

    fileprivate static func html(_ fortunes: [Fortune]) -> Response {
        var body = ByteBuffer()
        body.writeString(
            "<!DOCTYPE html><html><head><title>Fortunes</title></head><body><table><tr><th>id</th><th>message</th></tr>"
        )
        for fortune in fortunes {
            body.writeString("<tr><td>\(fortune.id)</td><td>")
            body.writeEscaped(fortune.message)
            body.writeString("</td></tr>")
        }
        body.writeString("</table></body></html>")
        return Response(
            status: .ok, headers: [.contentType: "text/html; charset=utf-8"], body: ResponseBody(byteBuffer: body))
    }
}

extension ByteBuffer {
    fileprivate mutating func write(_ world: World) {
        self.writeString("{\"id\":\(world.id),\"randomNumber\":\(world.randomNumber)}")
    }

    /// Writes a text with the characters replaced that mean something in HTML.
    fileprivate mutating func writeEscaped(_ text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): self.writeString("&amp;")
            case UInt8(ascii: "<"): self.writeString("&lt;")
            case UInt8(ascii: ">"): self.writeString("&gt;")
            case UInt8(ascii: "\""): self.writeString("&quot;")
            case UInt8(ascii: "'"): self.writeString("&#x27;")
            default: self.writeInteger(byte)
            }
        }
    }
}
