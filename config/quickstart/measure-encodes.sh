#!/bin/sh
# Makes test_results_quickstart.json anew: live encodes with ffmpeg, measured by `wattline measure`. It takes two and a
# half minutes, and needs Linux and an ffmpeg with libx264 and libx265. Run it in the checkout, on a machine that is idle.
set -eu
cd "$(dirname "$0")/../.."

file=config/quickstart/test_results_quickstart.json
seconds=20
cpu="$(nproc) logical CPUs, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)"

cat >"$file" <<END
{
  "test_date": "$(date -u +%Y-%m-%dT%H:%M:%SZ)",
  "measured": "CPU use: cpu_usage_cores is that of each command and all of its processes, counted by the kernel.",
  "modelled": "Power: power_watts is no measurement but a line from an idle to a busy CPU; power_model of each run has its parameters and their source.",
  "labels": "The regions are examples for prices and carbon intensities. The last run was not made: it has no samples, so that its power is predicted.",
  "made_by": "config/quickstart/measure-encodes.sh, with wattline measure and $(ffmpeg -version | sed -n '1s/ Copyright.*//p') on $cpu, at niceness $(nice); other_cpu_cores of each run says what else the machine did",
  "scenarios": []
}
END

# measure NAME STREAMS BITRATE ENCODER REGION COMMAND…
measure() {
  name=$1 streams=$2 bitrate=$3 encoder=$4 region=$5
  shift 5
  npm run --silent wattline -- measure --name "$name" --streams "$streams" --bitrate "$bitrate" --encoder "$encoder" \
    --region "$region" --interval 1s --record-command --output "$file" -- "$@"
}

# Encodes so many pictures from a generator at once, each at the pace of a live stream.
encode() {
  streams=$1 bitrate=$2 encoder=$3 preset=$4 region=$5 source=$6
  name="$streams streams @ $bitrate"
  [ "$streams" -gt 1 ] || name="1 stream @ $bitrate"
  ffmpeg="ffmpeg -nostdin -loglevel error -re -f lavfi -i $source=size=1280x720:rate=30 -t $seconds -c:v $encoder -preset $preset -b:v $bitrate -f null -"
  measure "$name" "$streams" "$bitrate" "$encoder" "$region" \
    sh -c "for n in \$(seq $streams); do $ffmpeg & all=\"\$all \$!\"; done; for one in \$all; do wait \$one || exit 1; done"
}

measure 'Baseline (idle)' 0 0k none us-east-1 sleep "$seconds"
encode 1 2500k libx264 veryfast us-east-1 testsrc2
encode 2 2500k libx264 veryfast us-east-1 testsrc2
encode 3 2500k libx264 veryfast us-east-1 testsrc2
encode 4 2500k libx264 veryfast eu-north-1 testsrc2
encode 2 5000k libx265 ultrafast eu-west-1 testsrc2

node -e '
const [file, seconds] = process.argv.slice(1);
const document = JSON.parse(fs.readFileSync(file, "utf8"));
const start_time = Math.ceil(document.scenarios.at(-1).end_time) + 1;
document.scenarios.push({
  name: "6 streams @ 2500k", bitrate: "2500k", encoder_type: "libx264", region: "us-west-2", streams: 6,
  start_time, end_time: start_time + Number(seconds), duration: Number(seconds),
});
fs.writeFileSync(file, JSON.stringify(document));
' "$file" "$seconds"
npx biome format --write "$file"
