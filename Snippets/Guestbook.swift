//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

// The tutorial's page. Runs on a local Lakebase: lakebase dev --as app -- .build/debug/Guestbook

// snippet.page
import Hummingbird
import Lakebase
import Logging

struct Guest: Decodable {
    var name: String
}

/// Keeps what people type from becoming part of the page's code.
func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
}

func page(of names: [String]) -> Response {
    let items = names.map { "<li>\(escaped($0))</li>" }.joined()
    let text = """
        <!doctype html><title>Guests</title>
        <form method="post"><input name="name" aria-label="Your name"> <button>Sign</button></form>
        <ul>\(items)</ul>
        """
    return Response(
        status: .ok, headers: [.contentType: "text/html; charset=utf-8"],
        body: .init(byteBuffer: ByteBuffer(string: text)))
}
// snippet.end

// snippet.program
func run() async throws {
    let logger = Logger(label: "guestbook")
    var configuration = try LakebaseConfiguration.fromEnvironment()
    configuration.schema = "guestbook"
    let lakebase = try LakebaseClient(configuration: configuration, logger: logger)

    let router = Router()
    router.get("/") { _, _ in
        page(of: try await lakebase.query("SELECT name FROM guests ORDER BY id DESC LIMIT 50").decode((String).self))
    }
    router.post("/") { request, context in
        let guest = try await URLEncodedFormDecoder().decode(Guest.self, from: request, context: context)
        try await lakebase.query("INSERT INTO guests (name) VALUES (\(guest.name))")
        return Response.redirect(to: "/", type: .normal)
    }

    var application = Application(
        router: router, configuration: .init(address: .hostname("127.0.0.1", port: 8080)), logger: logger)
    application.addServices(lakebase)
    application.beforeServerStarts {
        try await lakebase.withConnection { connection in
            try await connection.execute(
                script: """
                    CREATE SCHEMA IF NOT EXISTS guestbook;
                    CREATE TABLE IF NOT EXISTS guestbook.guests
                        (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL)
                    """)
        }
    }
    try await application.runService()
}

try await run()
// snippet.end
