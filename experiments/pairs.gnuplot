# What a perplexity costs, in spikes and in steps: the points of pairs.sh price. Curves of
# neuron `if` run over k; those of other neurons over the window T, each at its best k.
set terminal pngcairo size 1500,650 font "sans,12"
set output "price.png"
set logscale xy
set yrange [0.95:3]
set ytics (0.95, 1, 1.05, 1.1, 1.2, 1.5, 2, 3)
set ylabel "perplexity over that of the dense float model"
set grid
set multiplot layout 1,2
stats "price.txt" using 1 nooutput
set xlabel "spikes per channel and token"
set key inside top right
plot for [i=0:7] "price.txt" index i using 1:3:4 with yerrorlines \
    title columnheader(1) noenhanced lt i+1 lw 1.5 pt 7 ps 0.7, \
    for [i=8:STATS_blocks-2] "price.txt" index i using 1:3:4 with yerrorlines \
    title columnheader(1) noenhanced lt i-5 lw 1.5 dt 2 pt 5 ps 0.8
set xlabel "steps of a token (mean over sites)"
unset key
plot for [i=0:7] "price.txt" index i using 2:3:4 with yerrorlines \
    notitle lt i+1 lw 1.5 pt 7 ps 0.7, \
    for [i=8:STATS_blocks-2] "price.txt" index i using 2:3:4 with yerrorlines \
    notitle lt i-5 lw 1.5 dt 2 pt 5 ps 0.8
unset multiplot
