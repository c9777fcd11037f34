#!/usr/bin/env bash
# One pass of both models on a machine with a GPU, side by side:
#   gpu.sh BUNDLE OUT MINUTES_OF_READER MINUTES_OF_ENCODER [options of the reader]
# READERS=2 trains two readers with different seeds, whose mean is better than either (tools.training.average).
set -euo pipefail
bundle=$1 out=$2 reader=$3 encoder=$4
shift 4
export PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True PYTHONUNBUFFERED=1 OMP_NUM_THREADS=2
mkdir -p "$out"
ulimit -n 65536 2>/dev/null || true  # each tensor that a worker hands over takes a file descriptor
python3 -c "
from pathlib import Path
from tools.training.arrays import Questions
from tools.training.negatives import kept_negatives
kept_negatives(Path('$bundle'), Questions(Path('$bundle')))
"
beside=
if [ "$encoder" != 0 ]; then
  python3 -m tools.train_encoder --bundle "$bundle" --out "$out/encoder" --minutes "$encoder" --rate 1e-4 --workers 5 &
  beside=$!
fi
readers=${READERS:-1}
for seed in $(seq 2 "$readers"); do
  python3 -m tools.train_reader --bundle "$bundle" --out "$out/reader-$seed" --minutes "$reader" --workers $((12 / readers)) --seed "$seed" "$@" &
  beside="$beside $!"
done
python3 -m tools.train_reader --bundle "$bundle" --out "$out/reader" --minutes "$reader" --workers $((12 / readers)) "$@"
for each in $beside; do wait "$each"; done  # a plain wait would hide a failure
