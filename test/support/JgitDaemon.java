import java.io.File;
import java.net.InetSocketAddress;
import org.eclipse.jgit.transport.Daemon;
import org.eclipse.jgit.transport.resolver.FileResolver;

/** Serves the bare repositories of a directory over git:// until standard input ends: java JgitDaemon.java DIRECTORY */
class JgitDaemon {
  public static void main(String[] args) throws Exception {
    Daemon daemon = new Daemon(new InetSocketAddress("127.0.0.1", 0));
    daemon.setRepositoryResolver(new FileResolver<>(new File(args[0]), true));
    daemon.getService("receive-pack").setEnabled(true);
    daemon.start();
    System.out.println(daemon.getAddress().getPort());
    while (System.in.read() != -1) {}
    System.exit(0);
  }
}
