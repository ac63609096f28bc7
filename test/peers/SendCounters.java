import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * Sends counters by OTLP, as an application does that uses the OpenTelemetry SDK. Environment variables say where they go.
 *
 * <pre>
 * burn SECONDS       uses that much CPU time, and ends: process.cpu.time
 * host JOULES...     reads values of a meter of the host, and sends each in a request of its own: hw.host.energy
 * card ID JOULES...  reads values of a graphics card, and sends each in a request of its own: hw.energy
 * add JOULES...      uses amounts that it adds up itself, and sends each in a request of its own: hw.energy
 * </pre>
 *
 * Prints the values of process.cpu.time that it has sent, a line each.
 */
public class SendCounters {
  private static double read;

  public static void main(String[] args) {
    var sdk = AutoConfiguredOpenTelemetrySdk.initialize().getOpenTelemetrySdk();
    SdkMeterProvider provider = sdk.getSdkMeterProvider();
    Meter meter = provider.get("send-counters");
    switch (args[0]) {
      case "burn" -> burn(meter, numbersIn(args, 1)[0]);
      case "host" -> observe(provider, meter, "hw.host.energy", Attributes.empty(), numbersIn(args, 1));
      case "card" -> observe(provider, meter, "hw.energy", part("gpu", args[1]), numbersIn(args, 2));
      case "add" -> {
        var joules = meter.counterBuilder("hw.energy").setUnit("J").ofDoubles().build();
        for (double used : numbersIn(args, 1)) {
          joules.add(used, part("cpu", "0"));
          flush(provider);
        }
      }
      default -> throw new IllegalArgumentException(args[0]);
    }
    sdk.close();
  }

  private static void observe(SdkMeterProvider provider, Meter meter, String name, Attributes of, double[] values) {
    meter.counterBuilder(name).setUnit("J").ofDoubles().buildWithCallback(to -> to.record(read, of));
    for (double value : values) {
      read = value;
      flush(provider);
    }
  }

  private static double[] numbersIn(String[] args, int from) {
    return Arrays.stream(args).skip(from).mapToDouble(Double::parseDouble).toArray();
  }

  /** The attributes of a part of the hardware. */
  private static Attributes part(String kind, String id) {
    return Attributes.of(AttributeKey.stringKey("hw.type"), kind, AttributeKey.stringKey("hw.id"), id);
  }

  private static void burn(Meter meter, double seconds) {
    meter.counterBuilder("process.cpu.time").setUnit("s").ofDoubles().buildWithCallback(to -> {
      double value = cpuSeconds();
      System.out.println(value);
      to.record(value);
    });
    while (cpuSeconds() < seconds) {}
  }

  private static double cpuSeconds() {
    var system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return system.getProcessCpuTime() / 1e9;
  }

  private static void flush(SdkMeterProvider provider) {
    if (!provider.forceFlush().join(30, TimeUnit.SECONDS).isSuccess()) throw new IllegalStateException("not sent");
  }
}
