import com.sun.net.httpserver.HttpServer;
import java.io.*;
import java.net.*;
import java.net.http.*;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.*;
import java.util.concurrent.*;
import java.util.zip.*;

// An HTTP server with a pool of threads, and its clients.
public class Server {
	static byte[] digest(byte[] body) throws Exception {
		return MessageDigest.getInstance("SHA-256").digest(body);
	}

	static byte[] pack(byte[] body) throws IOException {
		var packed = new ByteArrayOutputStream();
		try (var out = new GZIPOutputStream(packed)) {
			out.write(body);
		}
		return packed.toByteArray();
	}

	public static void main(String[] args) throws Exception {
		var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
		var threads = Executors.newFixedThreadPool(4);
		server.setExecutor(threads);
		server.createContext("/", exchange -> {
			try (exchange) {
				var body = exchange.getRequestBody().readAllBytes();
				exchange.getResponseHeaders().set("Digest", HexFormat.of().formatHex(digest(body)));
				var packed = pack(body);
				exchange.sendResponseHeaders(200, packed.length);
				exchange.getResponseBody().write(packed);
			} catch (Exception e) {
				e.printStackTrace();
			}
		});
		server.start();
		var uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
		var client = HttpClient.newBuilder().executor(Executors.newFixedThreadPool(2)).version(HttpClient.Version.HTTP_1_1).build();
		var load = new ArrayList<CompletableFuture<Boolean>>();
		for (int i = 0; i < 60; i++) {
			var body = "x".repeat(i * 137).getBytes(StandardCharsets.UTF_8);
			var request = HttpRequest.newBuilder(uri).POST(HttpRequest.BodyPublishers.ofByteArray(body)).build();
			load.add(client.sendAsync(request, HttpResponse.BodyHandlers.ofByteArray()).thenApply(r -> {
				try (var in = new GZIPInputStream(new ByteArrayInputStream(r.body()))) {
					return Arrays.equals(in.readAllBytes(), body)
						&& r.headers().firstValue("Digest").get().equals(HexFormat.of().formatHex(digest(body)));
				} catch (Exception e) {
					throw new CompletionException(e);
				}
			}));
			if (i % 16 == 15)
				for (var f : load) f.join();
		}
		int right = 0;
		for (var f : load)
			right += f.get() ? 1 : 0;
		System.out.println("served " + right);
		server.stop(0);
		Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("ended")));
		System.exit(right == 60 ? 7 : 1);
	}
}
