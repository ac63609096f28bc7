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
 * observe JOULES...  reads values of a meter of the host, and sends each in a request of its own: hw.host.energy
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
    double[] numbers = Arrays.stream(args).skip(1).mapToDouble(Double::parseDouble).toArray();
    switch (args[0]) {
      case "burn" -> burn(meter, numbers[0]);
      case "observe" -> {
        meter.counterBuilder("hw.host.energy").setUnit("J").ofDoubles().buildWithCallback(to -> to.record(read));
        for (double joules : numbers) {
          read = joules;
          flush(provider);
        }
      }
      case "add" -> {
        var joules = meter.counterBuilder("hw.energy").setUnit("J").ofDoubles().build();
        for (double used : numbers) {
          joules.add(used, Attributes.of(AttributeKey.stringKey("hw.type"), "cpu", AttributeKey.stringKey("hw.id"), "0"));
          flush(provider);
        }
      }
      default -> throw new IllegalArgumentException(args[0]);
    }
    sdk.close();
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
