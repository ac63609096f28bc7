// Sends counters by OTLP, as an application does that uses the OpenTelemetry SDK. Environment variables say where they go.
//
//	burn SECONDS       uses that much CPU time, and ends: process.cpu.time
//	host JOULES...     reads values of a meter of the host, and sends each in a request of its own: hw.host.energy
//	card ID JOULES...  reads values of a graphics card, and sends each in a request of its own: hw.energy
//	add JOULES...      uses amounts that it adds up itself, and sends each in a request of its own: hw.energy
//
// Prints the values of process.cpu.time that it has sent, a line each.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"strconv"
	"syscall"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/metric"
	sdk "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
)

func main() {
	ctx := context.Background()
	exporter := must(otlpmetrichttp.New(ctx))
	detected := must(resource.New(ctx, resource.WithTelemetrySDK(), resource.WithFromEnv()))
	provider := sdk.NewMeterProvider(sdk.WithReader(sdk.NewPeriodicReader(exporter)), sdk.WithResource(detected))
	meter := provider.Meter("send-counters")
	arguments := os.Args[2:]
	switch os.Args[1] {
	case "burn":
		burn(meter, numbersOf(arguments)[0])
	case "host":
		observe(provider, meter, "hw.host.energy", nil, numbersOf(arguments))
	case "card":
		observe(provider, meter, "hw.energy", part("gpu", arguments[0]), numbersOf(arguments[1:]))
	case "add":
		joules := must(meter.Float64Counter("hw.energy", metric.WithUnit("J")))
		for _, used := range numbersOf(arguments) {
			joules.Add(ctx, used, metric.WithAttributes(part("cpu", "0")...))
			check(provider.ForceFlush(ctx))
		}
	}
	check(provider.Shutdown(ctx))
}

func observe(provider *sdk.MeterProvider, meter metric.Meter, name string, of []attribute.KeyValue, values []float64) {
	var read float64
	joules := must(meter.Float64ObservableCounter(name, metric.WithUnit("J")))
	must(meter.RegisterCallback(func(_ context.Context, observer metric.Observer) error {
		observer.ObserveFloat64(joules, read, metric.WithAttributes(of...))
		return nil
	}, joules))
	for _, read = range values {
		check(provider.ForceFlush(context.Background()))
	}
}

// The attributes of a part of the hardware.
func part(kind, id string) []attribute.KeyValue {
	return []attribute.KeyValue{attribute.String("hw.type", kind), attribute.String("hw.id", id)}
}

func burn(meter metric.Meter, seconds float64) {
	used := must(meter.Float64ObservableCounter("process.cpu.time", metric.WithUnit("s")))
	must(meter.RegisterCallback(func(_ context.Context, observer metric.Observer) error {
		value := cpuSeconds()
		fmt.Println(value)
		observer.ObserveFloat64(used, value)
		return nil
	}, used))
	for cpuSeconds() < seconds {
	}
}

func cpuSeconds() float64 {
	var usage syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9
}

func numbersOf(texts []string) (numbers []float64) {
	for _, text := range texts {
		numbers = append(numbers, must(strconv.ParseFloat(text, 64)))
	}
	return
}

func must[T any](value T, err error) T {
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
