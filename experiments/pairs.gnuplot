# What a perplexity costs: the points of pairs.sh price, in spikes and in steps.
set terminal pngcairo size 1500,700 font "sans,11"
set output "price.png"
set logscale xy
set ylabel "perplexity over that of the dense float model"
set yrange [0.95:200]
set key outside right top
set grid
set multiplot layout 1,2
set xlabel "spikes per channel and token"
stats "price.txt" using 1 nooutput
plot for [i=0:STATS_blocks-2] "price.txt" index i using 1:3:4 with yerrorlines title columnheader(1) noenhanced pt 7 ps 0.6
set xlabel "steps of a token (mean over sites)"
unset key
plot for [i=0:STATS_blocks-2] "price.txt" index i using 2:3:4 with yerrorlines pt 7 ps 0.6 notitle
unset multiplot
